/**
 * Which byte of the segment means what, who writes it, and in which memory order: one class per
 * structure, its javadoc the table. The order is in the name of each access. What is read here is a
 * stranger's input until its reader has checked it.
 */
package dev.belfry.shm.layout;
