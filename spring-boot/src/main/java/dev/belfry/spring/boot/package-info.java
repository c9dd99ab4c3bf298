/**
 * Belfry in an application of Spring Boot: queues and publishers that the properties below {@code belfry}
 * name, as beans, and methods that listen.
 *
 * @since 0.1
 */
@org.jspecify.annotations.NullMarked
package dev.belfry.spring.boot;
