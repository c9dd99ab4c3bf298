package dev.belfry.benchmarks;

import dev.belfry.benchmarks.BelfryProduct.Way;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** From the names that stand in results to what they mean: {@code belfry-claim-exclusive:spin:capacity=1m}. */
final class Products {
    private Products() {}

    /**
     * {@code NAME:spin|sleep|asleep|yield:DETAIL}. With {@code asleep} a receiver of Belfry goes to sleep
     * at once, with {@code yield} Aeron's processes never sleep.
     */
    static Product open(String description) throws Exception {
        String[] parts = description.split(":", 3);
        boolean spins = parts[1].equals("spin");
        Duration spin = spins ? ChronoUnit.FOREVER.getDuration() : parts[1].equals("asleep") ? Duration.ZERO : null;
        String detail = parts[2];
        return switch (parts[0]) {
            case "belfry-claim-exclusive" -> new BelfryProduct(Way.CLAIM, true, spin, detail);
            case "belfry-batch-16-exclusive" -> new BelfryProduct(Way.BATCH_16, true, spin, detail);
            case "belfry-batch-32-exclusive" -> new BelfryProduct(Way.BATCH_32, true, spin, detail);
            case "belfry-publish-exclusive" -> new BelfryProduct(Way.PUBLISH, true, spin, detail);
            case "belfry-claim" -> new BelfryProduct(Way.CLAIM, false, spin, detail);
            case "belfry-publish" -> new BelfryProduct(Way.PUBLISH, false, spin, detail);
            case "aeron-claim" -> aeron(true, parts[1], detail);
            case "aeron-offer" -> aeron(false, parts[1], detail);
            case "aeron-unchecked-claim" -> unchecked(true, parts[1], detail);
            case "aeron-unchecked-offer" -> unchecked(false, parts[1], detail);
            case "chronicle" -> new ChronicleProduct(spins, detail.equals("rolls"));
            case "agrona-claim" -> new AgronaProduct(false, parts[1], Integer.parseInt(detail));
            case "agrona-write" -> new AgronaProduct(true, parts[1], Integer.parseInt(detail));
            case "jakarta-listener" -> jakarta(JakartaProduct.Way.LISTENER, parts[1], detail);
            case "jakarta-receive" -> jakarta(JakartaProduct.Way.RECEIVE, parts[1], detail);
            case "jakarta-transacted" -> jakarta(JakartaProduct.Way.TRANSACTED, parts[1], detail);
            case "artemis" -> new ArtemisProduct(detail);
            default -> throw new IllegalArgumentException("no product " + description);
        };
    }

    private static JakartaProduct jakarta(JakartaProduct.Way way, String mode, String where) throws Exception {
        return new JakartaProduct(way, mode.equals("persistent"), where);
    }

    /** Agrona reads this when its first buffer is made. */
    private static AeronProduct unchecked(boolean claims, String waits, String detail) {
        System.setProperty("agrona.disable.bounds.checks", "true");
        return aeron(claims, waits, detail);
    }

    /** Detail: term length, driver's directory. */
    private static AeronProduct aeron(boolean claims, String waits, String detail) {
        String[] parts = detail.split(",", 2);
        return new AeronProduct(claims, waits, parts[0], parts[1]);
    }
}
