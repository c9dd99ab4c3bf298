/** For tests of applications with JUnit 5 or 6. */
package dev.belfry.mem.junit;
