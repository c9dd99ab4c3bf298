/** Strings as bytes, for records and for messages. */
package dev.belfry.jakarta.text;
