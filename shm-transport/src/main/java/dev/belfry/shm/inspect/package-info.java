/**
 * Questions that people ask about queues, and repairs: look, diagnose, repair, clear up. A report
 * takes no lock and no handle, and maps the header read-only. A repair joins the queue, as the next
 * process would. Nothing is known here of publishers and subscribers.
 */
package dev.belfry.shm.inspect;
