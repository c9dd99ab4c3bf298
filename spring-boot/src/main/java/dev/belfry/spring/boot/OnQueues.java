package dev.belfry.spring.boot;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** The properties name a queue. Their beans are registered later, so a condition on beans would not see them. */
class OnQueues extends SpringBootCondition {
    @Override
    public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
        boolean any = Binder.get(context.getEnvironment())
                .bind("belfry.queues", Bindable.mapOf(String.class, Object.class))
                .isBound();
        return new ConditionOutcome(any, ConditionMessage.forCondition("Belfry").because(any ? "queues" : "no queues"));
    }
}
