package dev.belfry.jakarta.message;

/**
 * The fields that are written beside a message when it is sent. {@code destination}: its id. {@code serial}: the
 * author's number for it. {@code sentAt}: the clock, once for all its fields. {@code client}: hash of the client id,
 * and {@code connection}: both 0 but for topics, where noLocal asks for them.
 */
public record Sending(long destination, long serial, long sentAt, long client, int connection) {}
