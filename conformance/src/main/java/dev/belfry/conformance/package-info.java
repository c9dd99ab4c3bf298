/**
 * What every transport promises, as abstract JUnit 5 suites over the public API: {@code shm:} and
 * {@code mem:} pass the same ones, and so does a transport that somebody else writes. A test class
 * says which transport it is about, and which suites:
 *
 * <pre>{@code
 * class ToyConformanceTest implements TransportFixture {
 *     public String scheme() { return "toy"; }
 *
 *     @Nested class Delivery extends DeliverySuite {}
 *     @Nested class Waiting extends WaitingAndClosingSuite {}
 * }
 * }</pre>
 *
 * A test is tagged with the capabilities that it needs, and skipped where the transport does not
 * declare one. The number in a test's name is that of the behaviour in the contract's list.
 */
package dev.belfry.conformance;
