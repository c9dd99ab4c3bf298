package dev.belfry.jakarta.text;

/**
 * The numbers of what this provider refuses, which {@code getErrorCode} returns: one for each thing
 * to do about it. Those below 200 are of the queue underneath, those from 201 to 206 of the
 * directory. Exceptions of Java itself have none. The page about Jakarta Messaging has the table.
 */
public final class Codes {
    public static final String CLOSED = "BELFRY-211";
    public static final String WAITS_FOR_ITSELF = "BELFRY-212";
    public static final String LISTENS_OR_RECEIVES = "BELFRY-213";
    public static final String OTHER_MODE = "BELFRY-214";
    public static final String CLIENT_ID = "BELFRY-215";
    public static final String DESTINATION = "BELFRY-216";
    public static final String TEMPORARY = "BELFRY-217";
    public static final String SELECTOR = "BELFRY-218";
    public static final String CREDENTIALS = "BELFRY-219";
    public static final String ARGUMENT = "BELFRY-220";
    public static final String TYPE = "BELFRY-221";
    public static final String READ_ONLY = "BELFRY-222";
    public static final String WRITE_ONLY = "BELFRY-223";
    public static final String END_OF_BODY = "BELFRY-224";
    public static final String DAMAGED_MESSAGE = "BELFRY-225";
    public static final String SETTING = "BELFRY-226";
    public static final String NOT_YET = "BELFRY-227";
    public static final String REGISTRY = "BELFRY-228";
    public static final String SUBSCRIPTION = "BELFRY-229";

    private Codes() {}
}
