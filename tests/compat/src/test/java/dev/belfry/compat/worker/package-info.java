/**
 * The programs that share a queue or a domain with those of another release. They are compiled with the jars of 0.1.0,
 * as a user's are, and run with those, and with today's. So they use nothing but the API and what is in this package.
 */
package dev.belfry.compat.worker;
