//! What the stories of the command line share: the program, and a folder with a system in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// What came of one command.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The same, after looking at its exit code.
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// The same, after looking whether it said something on either stream.
    pub(crate) fn says(self, what: &str) -> Self {
        assert!(
            self.out.contains(what) || self.err.contains(what),
            "{what:?} in\n{}\n{}",
            self.out,
            self.err
        );
        self
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}:\n{}", self.out))
    }
}

/// Runs the program in `dir`.
pub(crate) fn upshift(dir: &Path, words: &[&str]) -> Ran {
    let program = env!("CARGO_BIN_EXE_upshift");
    told(
        Command::new(program)
            .args(words)
            .current_dir(dir)
            .output()
            .expect("it starts"),
    )
}

fn told(output: Output) -> Ran {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let code = output.status.code().expect("an exit code");
    Ran {
        code,
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// A folder with a system file, two installed releases, a jar and a savepoint directory.
pub(crate) struct Site {
    pub(crate) dir: TempDir,
    text: String,
}

/// Accepts what a recording cannot give: a process on this machine, and checkpoints of today.
pub(crate) const RECORDED: &str = "[[waive]]\ncode = \"UP-FLINK-0110\"\nsubject = \"cluster\"\nreason = \"a recording has no process\"\n\
    [[waive]]\ncode = \"UP-FLINK-0132\"\nsubject = \"job orders\"\nreason = \"a recording grows old\"\n";

impl Site {
    /// A system called `orders` that answers at `rest`, with one job of that name.
    pub(crate) fn at(rest: &str) -> Self {
        let dir = tempfile::tempdir().expect("a scratch folder");
        for folder in ["sp", "jars", "conf", "flink-1.18.1/lib", "flink-1.20.5/lib"] {
            std::fs::create_dir_all(dir.path().join(folder)).expect("a folder");
        }
        let text = format!(
            "kind = \"flink\"\nname = \"orders\"\nrest = \"{rest}\"\n\
             [state]\nsavepoints = \"sp\"\n\
             [[job]]\nname = \"orders\"\njar = \"jars/orders.jar\"\nsink = \"idempotent\"\n\
             source_retention = \"7d\"\nuids = [\"source\", \"counter\"]\n"
        );
        let site = Self { dir, text };
        site.put("jars/orders.jar", &jar("com.example.Orders"));
        site.put("flink-1.18.1/lib/flink-dist-1.18.1.jar", b"");
        site.put("flink-1.20.5/lib/flink-dist-1.20.5.jar", b"");
        site.put(
            "conf/flink-conf.yaml",
            b"jobmanager.rpc.address: 127.0.0.1\nstate.backend: hashmap\ns3.secret-key: hunter2\n",
        );
        site.with("")
    }

    /// The same with more at the end of its file.
    pub(crate) fn with(mut self, more: &str) -> Self {
        self.text.push_str(more);
        self.put("orders.toml", self.text.as_bytes());
        self
    }

    /// The same with a piece of its file replaced.
    pub(crate) fn but(mut self, old: &str, new: &str) -> Self {
        assert!(self.text.contains(old), "{old:?} is in the file");
        self.text = self.text.replace(old, new);
        self.with("")
    }

    /// The same with the job's parallelism to be changed, on the same cluster.
    pub(crate) fn rescaled(self) -> Self {
        self.but("sink =", "parallelism = { current = 2, target = 1 }\nsink =")
            .with(RECORDED)
    }

    /// The same with another release wanted.
    pub(crate) fn to(self, version: &str) -> Self {
        self.with(&format!(
            "[installation]\ncurrent = {{ version = \"1.18.1\", home = \"flink-1.18.1\" }}\n\
             target = {{ version = \"{version}\", home = \"flink-{version}\" }}\n\
             config = {{ current = \"conf\", target = \"conf-new\" }}\n"
        ))
    }

    /// A path of the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file of the folder.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        use std::io::Write as _;
        let path = self.path(name);
        std::fs::File::create(&path)
            .and_then(|mut file| file.write_all(bytes))
            .expect("a file");
        path
    }

    /// Runs the program in the folder.
    pub(crate) fn upshift(&self, words: &[&str]) -> Ran {
        upshift(self.dir.path(), words)
    }
}

/// A jar with a manifest and one class of Java 11.
pub(crate) fn jar(class: &str) -> Vec<u8> {
    let path = format!("{}.class", class.replace('.', "/"));
    let manifest = format!("Manifest-Version: 1.0\r\nMain-Class: {class}\r\n\r\n");
    let body = [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 55, 0, 1];
    zip(&[("META-INF/MANIFEST.MF", manifest.as_bytes()), (&path, &body)])
}

/// A zip file of stored entries.
fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let size = |length: usize| u32::try_from(length).expect("small").to_le_bytes();
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, body) in entries {
        let offset = size(file.len());
        let mut head = [20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0].to_vec();
        head.extend(crc32(body).to_le_bytes());
        head.extend(size(body.len()));
        head.extend(size(body.len()));
        head.extend(&size(name.len())[..2]);
        head.extend([0, 0]);
        file.extend(b"PK\x03\x04");
        file.extend(&head);
        file.extend(name.as_bytes());
        file.extend(*body);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(offset);
        directory.extend(name.as_bytes());
    }
    let count = &size(entries.len())[..2];
    let (start, length) = (size(file.len()), size(directory.len()));
    file.extend(directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([count, count].concat());
    file.extend([length, start].concat());
    file.extend([0, 0]);
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}
