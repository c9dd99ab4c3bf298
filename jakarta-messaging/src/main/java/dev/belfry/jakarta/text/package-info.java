/** Strings as bytes, for records and for messages; the numbers of errors. */
package dev.belfry.jakarta.text;
