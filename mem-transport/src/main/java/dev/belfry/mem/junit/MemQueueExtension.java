package dev.belfry.mem.junit;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import java.lang.reflect.Method;
import java.util.UUID;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives each test a queue of its own: to every parameter of the type {@code MessageQueue}, also of
 * methods that run before and after each test. It is closed after the test. The code that is tested
 * opens it by its URI, or gets the same object.
 *
 * <pre>{@code
 * @ExtendWith(MemQueueExtension.class)
 * class BillingTest {
 *     @Test
 *     void shouldBillEachOrder(MessageQueue queue) { new Billing(queue.uri().toString()); }
 * }
 * }</pre>
 * @since 0.1
 */
public final class MemQueueExtension implements ParameterResolver, AfterEachCallback {
    private static final Namespace OURS = Namespace.create(MemQueueExtension.class);

    /** For JUnit. */
    public MemQueueExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == MessageQueue.class
                && parameter.getDeclaringExecutable() instanceof Method
                && context.getTestMethod().isPresent();
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Store store = context.getStore(OURS);
        MessageQueue queue = store.get(MessageQueue.class, MessageQueue.class);
        if (queue == null) {
            queue = MessageQueues.open("mem:test-" + UUID.randomUUID() + "?deleteOnLastClose=true");
            store.put(MessageQueue.class, queue);
        }
        return queue;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        MessageQueue queue = context.getStore(OURS).remove(MessageQueue.class, MessageQueue.class);
        if (queue != null) queue.close();
    }
}
