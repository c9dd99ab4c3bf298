/** Jakarta Messaging over a Belfry log. */
package dev.belfry.jakarta;
