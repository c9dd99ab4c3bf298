/**
 * The promises of every transport, as abstract JUnit 5 suites over the public API. {@code shm:} and
 * {@code mem:} pass the same suites, and so does any other transport. A test class names its
 * transport and its suites:
 *
 * <pre>{@code
 * class ToyConformanceTest implements TransportFixture {
 *     public String scheme() { return "toy"; }
 *     @Nested class Delivery extends DeliverySuite {}
 *     @Nested class Waiting extends WaitingSuite {}
 * }
 * }</pre>
 *
 * A test is tagged with the capabilities that it needs, and skipped where the transport does not
 * declare one. The number in a test's name is that of the behaviour in the contract's list.
 *
 * <p>Unstable: each release may change or remove suites and what they need.
 */
package dev.belfry.conformance;
