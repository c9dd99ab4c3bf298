package dev.belfry.jakarta.message;

import dev.belfry.jakarta.text.Out;
import dev.belfry.jakarta.text.Text;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.TextMessage;

/** A String, or null. */
public final class BelfryTextMessage extends BelfryMessage implements TextMessage {
    private String text;

    @Override
    public void setText(String text) throws MessageNotWriteableException {
        checkBodyWriteable();
        this.text = text;
    }

    @Override
    public String getText() {
        return text;
    }

    @Override
    BodyType bodyType() {
        return BodyType.TEXT;
    }

    @Override
    boolean hasBody() {
        return text != null;
    }

    @Override
    void writeBody(Out out) {
        out.raw(Text.bytes(text));
    }

    @Override
    void readBody(Input in) {
        text = in.restAsText();
    }

    @Override
    Object body() {
        return text;
    }

    @Override
    void emptyBody() {
        text = null;
    }
}
