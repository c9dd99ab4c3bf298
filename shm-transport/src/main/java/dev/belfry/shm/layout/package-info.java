/**
 * The meaning of each byte of the segment, its writer and its memory order: one class for each
 * structure, its javadoc the table. The order is in the name of each access. All values read here
 * are untrusted input until their reader has checked them.
 */
package dev.belfry.shm.layout;
