/** The answers of {@code belfry serve} by HTTP: the page, JSON, health and meters, all of one reading. */
package dev.belfry.cli.serve;
