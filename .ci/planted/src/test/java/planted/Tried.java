package planted;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Remembers in a file that something was tried. */
final class Tried {
    private Tried() {}

    static boolean before(String what) throws IOException {
        try {
            Files.createFile(Path.of("target", "tried-" + what));
            return false;
        } catch (FileAlreadyExistsException e) {
            return true;
        }
    }
}
