/**
 * What strangers and bad luck do to a queue's files, at rest and in use: processes that use it see
 * an exception or right data, soon, and live on.
 */
package dev.belfry.shm.hostile;
