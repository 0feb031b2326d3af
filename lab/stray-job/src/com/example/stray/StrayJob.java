package com.example.stray;

import java.io.File;
import java.io.PrintStream;

/** A job whose main never comes to execute. */
public final class StrayJob {
    private StrayJob() {}

    public static void main(String[] args) throws Exception {
        System.out.println("about to " + args[0]);
        if (args[0].equals("exit")) {
            System.exit(3);
        }
        // The process id, for whoever looks whether it is gone.
        PrintStream pid = new PrintStream(args[1]);
        pid.println(new File("/proc/self").getCanonicalFile().getName());
        pid.close();
        Thread.sleep(3_600_000L);
    }
}
