/**
 * The handshakes on which the protocol rests, raced by jcstress millions of times: two threads on
 * words of real shared memory, mostly through the product's own classes. Each class is one
 * handshake; nested in it is its twin, the same with one mistake, in which the forbidden outcome
 * must be seen: else the test above it could not have failed either.
 * {@link dev.belfry.stress.HandshakesTest} runs them.
 *
 * <p>x86 hides most missing release and acquire orders, so the twins of those are wrong in program
 * order; a missing full fence shows as it is.
 */
package dev.belfry.stress;
