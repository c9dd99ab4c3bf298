/** Output: words, numbers, tables and JSON, for people and for programs; and how the command ends. */
package dev.belfry.cli.text;
