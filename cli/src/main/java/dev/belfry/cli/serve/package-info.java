/** What {@code belfry serve} answers by HTTP: the page, JSON, health and meters, all of one reading. */
package dev.belfry.cli.serve;
