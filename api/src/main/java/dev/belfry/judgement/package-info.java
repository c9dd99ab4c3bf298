/**
 * Tells from the figures of a queue whether it does its work, and for how long something has been so.
 * Health checks, meters and the tools of operators give its verdict.
 */
package dev.belfry.judgement;
