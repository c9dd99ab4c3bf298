package dev.belfry.spring.boot;

import dev.belfry.api.Codec;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.Requester;
import dev.belfry.api.TypedPublisher;
import java.util.HashMap;
import java.util.Map;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.InjectionPoint;
import org.springframework.beans.factory.config.DependencyDescriptor;
import org.springframework.core.ResolvableType;

/** The publishers and requesters of one queue, which closes them: one for each type. */
class PublisherSource implements BeanFactoryAware {
    private final String queue;
    private final PublisherOptions options;
    /** By the text of the type: a ResolvableType differs from place to place. */
    private final Map<String, TypedPublisher<?>> typed = new HashMap<>();

    private final String answers; // null: nobody answers
    private final Map<String, Requester<?, ?>> requesters = new HashMap<>();
    private BeanFactory beans;

    PublisherSource(String queue, BelfryProperties.Publisher settings, String answers) {
        this.queue = queue;
        this.answers = answers;
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

    /** For the two types of the place where it is injected. */
    synchronized Requester<?, ?> requester(InjectionPoint place) {
        ResolvableType type = place instanceof DependencyDescriptor field
                ? field.getResolvableType().as(Requester.class)
                : ResolvableType.NONE;
        ResolvableType question = type.getGeneric(0);
        ResolvableType answer = type.getGeneric(1);
        if (question.resolve() == null || answer.resolve() == null)
            throw new BelfryConfigurationException(
                    "The Requester of the queue '" + queue + "' in " + place.getMember() + " has no types.",
                    "Name those of its requests and answers, as in Requester<Order, Receipt>.");
        Requester<?, ?> known = requesters.get(type.toString());
        if (known != null) return known;
        MessageQueue back = beans.getBean(BelfryProperties.beanOf(answers), MessageQueue.class);
        Requester<?, ?> made = Requester.of(
                handle(),
                CodecChoice.of(question, beans, place.getMember()),
                options,
                back,
                CodecChoice.of(answer, beans, place.getMember()));
        requesters.put(type.toString(), made);
        return made;
    }

    private MessageQueue handle() {
        MessageQueue handle = beans.getBean(BelfryProperties.beanOf(queue), MessageQueue.class);
        return ObservedQueue.of(queue, handle, Observed.registry(beans, handle));
    }
}
