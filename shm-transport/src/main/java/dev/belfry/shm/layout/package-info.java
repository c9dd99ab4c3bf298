/**
 * Which byte of the segment means what, its writer and its memory order: one class for each
 * structure, its javadoc the table. The order is in the name of each access. What is read here is a
 * stranger's input until its reader has checked it.
 */
package dev.belfry.shm.layout;
