package dev.belfry.spring;

import dev.belfry.api.Codec;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.TypedPublisher;
import java.util.HashMap;
import java.util.Map;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.InjectionPoint;
import org.springframework.beans.factory.config.DependencyDescriptor;
import org.springframework.core.ResolvableType;

/** The publishers of one queue, which closes them: one for each type. */
class PublisherSource implements BeanFactoryAware {
    private final String queue;
    private final PublisherOptions options;
    /** By the text of the type: a ResolvableType differs from place to place. */
    private final Map<String, TypedPublisher<?>> typed = new HashMap<>();

    private BeanFactory beans;

    PublisherSource(String queue, BelfryProperties.Publisher settings) {
        this.queue = queue;
        try {
            options = settings.options();
        } catch (IllegalArgumentException e) {
            throw new BelfryConfigurationException(
                    "The publishers of the queue '" + queue + "' cannot have their settings: "
                            + BelfryConfigurationException.sentence(e),
                    "Correct the properties below '" + BelfryProperties.beanOf(queue) + ".publisher'.",
                    e);
        }
    }

    @Override
    public void setBeanFactory(BeanFactory beans) {
        this.beans = beans;
    }

    Publisher publisher() {
        return handle().createPublisher(options);
    }

    /** For the type of the place where it is injected. */
    synchronized TypedPublisher<?> typed(InjectionPoint place) {
        ResolvableType type = place instanceof DependencyDescriptor field
                ? field.getResolvableType().as(TypedPublisher.class).getGeneric()
                : ResolvableType.NONE;
        if (type.resolve() == null)
            throw new BelfryConfigurationException(
                    "The TypedPublisher of the queue '" + queue + "' in " + place.getMember() + " has no type.",
                    "Name the type of its messages, as in TypedPublisher<Order>.");
        TypedPublisher<?> known = typed.get(type.toString());
        if (known != null) return known;
        Codec<?> codec = CodecChoice.of(type, beans, place.getMember());
        TypedPublisher<?> made = handle().createPublisher(codec, options);
        typed.put(type.toString(), made);
        return made;
    }

    private MessageQueue handle() {
        MessageQueue handle = beans.getBean(BelfryProperties.beanOf(queue), MessageQueue.class);
        return ObservedQueue.of(handle, Observed.registry(beans, handle));
    }
}
