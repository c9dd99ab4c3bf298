package dev.belfry.jakarta.jndi;

import dev.belfry.jakarta.client.BelfryQueue;
import dev.belfry.jakarta.client.BelfryTopic;
import dev.belfry.spi.Suggestions;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Hashtable;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import javax.naming.Binding;
import javax.naming.CompositeName;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.NameClassPair;
import javax.naming.NameNotFoundException;
import javax.naming.NameParser;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.NotContextException;
import javax.naming.OperationNotSupportedException;

/** The names in the properties, to be read only. A part of a name before a slash is a context. Any thread. */
final class NamesContext implements InvocationHandler {
    private static final String DYNAMIC_QUEUES = "dynamicQueues/";
    private static final String DYNAMIC_TOPICS = "dynamicTopics/";

    /** By their whole names. Never changed. */
    private final TreeMap<String, Object> bindings;
    /** Empty, or ends with a slash. */
    private final String prefix;

    private final Hashtable<Object, Object> environment = new Hashtable<>();

    NamesContext(TreeMap<String, Object> bindings, String prefix, Hashtable<?, ?> environment) {
        this.bindings = bindings;
        this.prefix = prefix;
        this.environment.putAll(environment);
    }

    /** As JNDI knows it. */
    Context context() {
        Class<?>[] as = {Context.class};
        return (Context) Proxy.newProxyInstance(NamesContext.class.getClassLoader(), as, this);
    }

    /** A name is a text or a {@link Name}. The environment changes no binding. All that would is refused. */
    @Override
    public Object invoke(Object proxy, Method called, Object[] args) throws NamingException {
        String call = called.getName();
        return switch (call) {
            case "lookup", "lookupLink" -> lookup(args[0].toString());
            case "list" -> list(args[0].toString());
            case "listBindings" -> listBindings(args[0].toString());
            case "getNameParser" -> (NameParser) CompositeName::new;
            case "composeName" -> composed(args[0], args[1]);
            case "getNameInNamespace" -> nameInNamespace();
            case "addToEnvironment" -> environment.put(args[0], args[1]);
            case "removeFromEnvironment" -> environment.remove(args[0]);
            case "getEnvironment" -> new Hashtable<>(environment);
            case "close" -> null;
            case "equals" -> proxy == args[0];
            case "hashCode" -> hashCode();
            case "toString" -> toString();
            default -> throw readOnly(call, args[0]);
        };
    }

    private NamesContext at(String otherPrefix) {
        return new NamesContext(bindings, otherPrefix, environment);
    }

    private Object lookup(String name) throws NamingException {
        if (name.isEmpty()) return at(prefix).context();
        String whole = prefix + name;
        Object bound = bindings.get(whole);
        if (bound != null) return Names.lookup(bound);
        if (isContext(whole)) return at(whole + "/").context();
        if (isBelow(whole, DYNAMIC_QUEUES)) return new BelfryQueue(whole.substring(DYNAMIC_QUEUES.length()));
        if (isBelow(whole, DYNAMIC_TOPICS)) return new BelfryTopic(whole.substring(DYNAMIC_TOPICS.length()));
        String nearest = nearest(whole);
        throw new NameNotFoundException("BELFRY-203: Nothing has the name '" + whole + "'; bound are "
                + bindings.keySet() + ". "
                + (nearest == null
                        ? "Add connectionFactory." + whole + " or queue." + whole + " to the properties."
                        : "Did you mean '" + nearest + "'?"));
    }

    /** A name that is bound, or one that needs no key. Null: none is near. */
    private String nearest(String whole) {
        String bound = Suggestions.nearest(whole, bindings.keySet());
        int slash = whole.indexOf('/') + 1;
        if (bound != null || slash == 0 || slash == whole.length()) return bound;
        String dynamic = Suggestions.nearest(whole.substring(0, slash), List.of(DYNAMIC_QUEUES, DYNAMIC_TOPICS));
        return dynamic == null ? null : dynamic + whole.substring(slash);
    }

    private static boolean isBelow(String name, String context) {
        return name.startsWith(context) && name.length() > context.length();
    }

    private boolean isContext(String whole) {
        String next = bindings.higherKey(whole + "/");
        return next != null && next.startsWith(whole + "/");
    }

    // ---- lists

    private TreeMap<String, Object> children(String name) throws NamingException {
        String context = prefix + (name.isEmpty() ? "" : name + "/");
        if (bindings.containsKey(prefix + name))
            throw new NotContextException("BELFRY-203: '" + prefix + name
                    + "' is no context, but bound to an object; a list is of a context. Call lookup.");
        if (!name.isEmpty()) lookup(name);
        TreeMap<String, Object> children = new TreeMap<>();
        for (Map.Entry<String, Object> one : bindings.tailMap(context).entrySet()) {
            if (!one.getKey().startsWith(context)) break;
            String rest = one.getKey().substring(context.length());
            int slash = rest.indexOf('/');
            if (slash < 0) children.put(rest, one.getValue());
            else {
                String child = rest.substring(0, slash);
                children.putIfAbsent(child, at(context + child + "/"));
            }
        }
        return children;
    }

    private NamingEnumeration<NameClassPair> list(String name) throws NamingException {
        return new Listed<>(children(name), (child, bound) -> new NameClassPair(child, Names.className(bound)));
    }

    private NamingEnumeration<Binding> listBindings(String name) throws NamingException {
        return new Listed<>(
                children(name), (child, bound) -> new Binding(child, Names.className(bound), object(bound)));
    }

    private static Object object(Object bound) throws NamingException {
        return bound instanceof NamesContext below ? below.context() : Names.lookup(bound);
    }

    private interface Item<T> {
        T of(String child, Object bound) throws NamingException;
    }

    /** A value that is wrong is thrown in its turn; the next one comes after it. */
    private record Listed<T>(Iterator<Map.Entry<String, Object>> rest, Item<T> item) implements NamingEnumeration<T> {
        Listed(TreeMap<String, Object> all, Item<T> item) {
            this(all.entrySet().iterator(), item);
        }

        @Override
        public boolean hasMore() {
            return rest.hasNext();
        }

        @Override
        public boolean hasMoreElements() {
            return rest.hasNext();
        }

        @Override
        public T next() throws NamingException {
            Map.Entry<String, Object> next = rest.next();
            return item.of(next.getKey(), next.getValue());
        }

        @Override
        public T nextElement() {
            try {
                return next();
            } catch (NamingException wrong) {
                NoSuchElementException e = new NoSuchElementException(wrong.getMessage());
                e.initCause(wrong);
                throw e;
            }
        }

        @Override
        public void close() {}
    }

    // ---- names in parts, of which a context speaks as well

    private static Object composed(Object name, Object before) throws NamingException {
        if (name instanceof String text)
            return composed(new CompositeName(text), new CompositeName((String) before))
                    .toString();
        return ((Name) ((Name) before).clone()).addAll((Name) name);
    }

    private String nameInNamespace() {
        return prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1);
    }

    private static OperationNotSupportedException readOnly(String call, Object name) {
        return new OperationNotSupportedException("BELFRY-205: " + call + " is called for '" + name
                + "'; names of this context come from properties, and cannot be changed. Change the properties, or bind"
                + " the object in another directory.");
    }
}
