package upshift.lab.metadata;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.nio.file.Path;
import java.nio.file.Files;
import java.nio.file.Paths;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;

/** Loads the metadata in a directory with Flink's own loader and prints how much state it found. */
public final class Load {
    private Load() {}

    public static void main(String[] args) throws Exception {
        Path directory = Paths.get(args[0]).toAbsolutePath();
        CheckpointMetadata metadata;
        try (DataInputStream data = new DataInputStream(
                new BufferedInputStream(Files.newInputStream(directory.resolve("_metadata"))))) {
            metadata = Checkpoints.loadCheckpointMetadata(data, Load.class.getClassLoader(), "file:" + directory);
        }
        long subtasks = 0;
        for (OperatorState operator : metadata.getOperatorStates()) {
            subtasks += operator.getNumberCollectedStates();
        }
        System.out.println(metadata.getOperatorStates().size() + " operators, " + subtasks + " subtasks");
    }
}
