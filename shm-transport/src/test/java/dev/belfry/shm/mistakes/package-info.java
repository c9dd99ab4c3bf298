/** Mistakes put into the product's own source, one at a time, and the tests that must notice each. */
package dev.belfry.shm.mistakes;
