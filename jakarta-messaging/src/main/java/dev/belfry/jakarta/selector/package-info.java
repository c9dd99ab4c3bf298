/**
 * Does a message match? Selectors of Jakarta Messaging [3.8]: {@code Lexer} and {@code Parser} make
 * an {@code Expression} of the text, a list of steps, which is evaluated on the encoded message
 * without recursion and without objects.
 */
package dev.belfry.jakarta.selector;
