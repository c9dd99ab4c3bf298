package dev.belfry.spring.boot;

import org.springframework.beans.factory.aot.BeanRegistrationExcludeFilter;
import org.springframework.beans.factory.support.RegisteredBean;

/** Beans of queues are registered by the properties of each start, not by those of the build. */
class QueuesAreNotAot implements BeanRegistrationExcludeFilter {
    @Override
    public boolean isExcludedFromAotProcessing(RegisteredBean bean) {
        return bean.getBeanName().startsWith("belfry.queues.");
    }
}
