/**
 * Answers to people about queues, and repairs: report, diagnose, repair, remove left-overs. A
 * report takes no lock and no handle, and maps the header read-only. A repair joins the queue, as
 * the next process would. This package knows no publishers and subscribers.
 */
package dev.belfry.shm.inspect;
