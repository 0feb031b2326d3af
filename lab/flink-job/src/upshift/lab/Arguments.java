package upshift.lab;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The job's arguments, {@code --key value} pairs; an unknown key is an error. */
final class Arguments {
    private static final List<String> KNOWN =
            Arrays.asList(
                    "name", "out", "keys", "rate", "payload", "parallelism", "maxp", "interval", "backend", "uids", "variant",
                    "pin");
    private static final String FAILS = "fails-after-restore-";

    private final Map<String, String> given = new HashMap<>();

    Arguments(String[] args) {
        for (int i = 0; i < args.length; i += 2) {
            String key = args[i].startsWith("--") ? args[i].substring(2) : "";
            if (!KNOWN.contains(key) || i + 1 == args.length) {
                throw new IllegalArgumentException("want pairs of --key value with a key out of " + KNOWN + ", not " + args[i]);
            }
            given.put(key, args[i + 1]);
        }
    }

    String name() {
        return given.getOrDefault("name", "lab");
    }

    String out() {
        String out = given.get("out");
        if (out == null) {
            throw new IllegalArgumentException("--out is missing: the directory to write to");
        }
        return out;
    }

    /** A multiple of the splits, so that all records of a key come from one split and in order. */
    long keys() {
        long keys = number("keys", 1000);
        if (keys <= 0 || keys % Numbers.SPLITS != 0) {
            throw new IllegalArgumentException("--keys must be a multiple of " + Numbers.SPLITS);
        }
        return keys;
    }

    double recordsPerSecond() {
        return number("rate", 2000);
    }

    int payload() {
        return (int) number("payload", 0);
    }

    int parallelism() {
        long parallelism = number("parallelism", 2);
        if (parallelism < 1 || parallelism > Numbers.SPLITS) {
            throw new IllegalArgumentException("--parallelism must be 1 to " + Numbers.SPLITS);
        }
        return (int) parallelism;
    }

    int maxParallelism() {
        return (int) number("maxp", 128);
    }

    long checkpointMillis() {
        return number("interval", 1000);
    }

    /** Null leaves it to the cluster. */
    String backend() {
        return given.get("backend");
    }

    boolean uids() {
        return choice("uids", "all", "none").equals("all");
    }

    /** The id that an operator is given literally ({@code --pin name=id,name=id}), or null. */
    String pinned(String name) {
        for (String pin : given.getOrDefault("pin", "").split(",")) {
            if (pin.startsWith(name + "=")) {
                return pin.substring(name.length() + 1);
            }
        }
        return null;
    }

    boolean retyped() {
        return variant().equals("retyped");
    }

    boolean inserted() {
        return variant().equals("inserted");
    }

    boolean beans() {
        return variant().equals("beans");
    }

    boolean removed() {
        return variant().equals("removed");
    }

    /** Another operator stands in the counter's place. */
    boolean replaced() {
        return variant().equals("replaced");
    }

    /** The counter is keyed by text and not by number. */
    boolean textKeys() {
        return variant().equals("text-keys");
    }

    /** The tally is no longer chained behind the counter. */
    boolean rechained() {
        return variant().equals("rechained");
    }

    /** Seconds after a restore at which to fail, or -1. */
    int failsAfterSeconds() {
        String variant = variant();
        return variant.startsWith(FAILS) ? Integer.parseInt(variant.substring(FAILS.length())) : -1;
    }

    private String variant() {
        String variant = given.getOrDefault("variant", "base");
        return variant.startsWith(FAILS) ? variant : choice("variant", "base", "retyped", "removed", "inserted", "beans", "replaced", "text-keys", "rechained");
    }

    private long number(String key, long otherwise) {
        return given.containsKey(key) ? Long.parseLong(given.get(key)) : otherwise;
    }

    private String choice(String key, String... choices) {
        String value = given.getOrDefault(key, choices[0]);
        if (!Arrays.asList(choices).contains(value)) {
            throw new IllegalArgumentException("--" + key + " must be one of " + Arrays.toString(choices) + ", not " + value);
        }
        return value;
    }
}
