/**
 * What people ask of queues: look, diagnose, repair, clear up. A look takes no lock and no handle, and maps the header read-only; a
 * repair joins the queue, as the next process would. It knows {@code segment} and what lies below, and no publisher or subscriber.
 */
package dev.belfry.shm.inspect;
