package dev.belfry.api;

/** A view that stays valid: a copy that belongs to its receiver. Any thread. */
public interface Message extends MessageView {
    /** The copy's own array, not a new one. */
    @Override
    byte[] bytes();

    @Override
    default Message copy() {
        return this;
    }
}
