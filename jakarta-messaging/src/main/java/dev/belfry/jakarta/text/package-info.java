/** Strings as bytes, and bytes that are written, for records and for messages; the numbers of errors. */
package dev.belfry.jakarta.text;
