package dev.belfry.cli;

import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.posix.SharedMemory;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Makes what is shared with a group, while it has no descriptor left, and says of which group and mode it is then. */
final class AtTheLimit {
    private AtTheLimit() {}

    public static void main(String[] args) throws IOException {
        int group = Integer.parseInt(args[0]);
        try (SharedMemory object = SharedMemory.createUnnamed(RealLibC.load(), 0600, -1)) {
            FileStatus mine = object.status();
            for (int other : new int[] {0, group}) // so that all classes are loaded
            object.setAccess(0600, new FileStatus(true, 0, 0600, mine.uid(), other, 1, 0, 0));
            object.setAccess(0600, mine.gid());
            List<FileInputStream> all = new ArrayList<>();
            try {
                while (true) all.add(new FileInputStream("/proc/self/status"));
            } catch (FileNotFoundException full) {
                object.setAccess(0660, new FileStatus(true, 0, 0660, mine.uid(), group, 1, 0, 0));
            }
            for (FileInputStream each : all) each.close();
            FileStatus now = object.status();
            System.out.println(now.gid() + " " + Integer.toOctalString(now.mode()));
        }
    }
}
