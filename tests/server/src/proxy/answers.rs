use std::mem;

/// Follows the messages of a server: a byte that says the kind, four that give the length from there on, the rest.
/// An answer is what comes up to and with `ReadyForQuery`.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// Bytes of the current answer that have not passed.
    held: Vec<u8>,
    /// How many bytes of the current message have come.
    read: u64,
    kind: u8,
    length: u32,
    /// Whether the current answer tells of a statement done, and of no error since.
    done: bool,
    /// Whether anything but the reply to a request for TLS has come.
    begun: bool,
    /// Whether the client is logged in; until then it answers questions of the server.
    ready: bool,
}

impl Answers {
    /// What of `bytes` passes. With `lose`, answers after the login are held until they are complete, and the first one of a transaction that
    /// has ended well does not pass, nor does anything behind it: then the second value is `true`.
    pub(super) fn pass(&mut self, bytes: &[u8], lose: bool) -> (Vec<u8>, bool) {
        let mut passing = Vec::new();
        for &byte in bytes {
            self.held.push(byte);
            if !self.ends_message(byte) {
                continue;
            }
            match self.kind {
                b'C' => self.done = true,
                b'E' => self.done = false,
                b'Z' => {
                    let idle = byte == b'I';
                    if mem::take(&mut self.done) && idle && lose {
                        return (passing, true);
                    }
                    self.ready = true;
                    passing.append(&mut self.held);
                }
                _ => {}
            }
        }
        if !lose || !self.ready {
            passing.append(&mut self.held);
        }
        (passing, false)
    }

    fn ends_message(&mut self, byte: u8) -> bool {
        if !self.begun && matches!(byte, b'N' | b'S') {
            return false;
        }
        self.begun = true;
        match self.read {
            0 => (self.kind, self.length) = (byte, 0),
            1..5 => self.length = self.length << 8 | u32::from(byte),
            _ => {}
        }
        self.read += 1;
        let ends = self.read >= 5 && self.read > u64::from(self.length);
        if ends {
            self.read = 0;
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::Answers;

    const COMPLETE: &[u8] = b"C\0\0\0\x0bINSERT\0";
    const QUESTION: &[u8] = b"R\0\0\0\x08\0\0\0\x0a";
    const PARSED: &[u8] = b"1\0\0\0\x04";
    const FAILED: &[u8] = b"E\0\0\0\x05\0";
    const IDLE: &[u8] = b"Z\0\0\0\x05I";
    const IN_BLOCK: &[u8] = b"Z\0\0\0\x05T";

    /// Fed a byte at a time, as a network may.
    fn pass(messages: &[&[u8]], lose: bool) -> (Vec<u8>, bool) {
        let mut answers = Answers::default();
        let mut passed = Vec::new();
        for byte in messages.concat() {
            let (passing, cut) = answers.pass(&[byte], lose);
            passed.extend(passing);
            if cut {
                return (passed, true);
            }
        }
        (passed, false)
    }

    #[test]
    fn all_passes_as_it_comes() {
        let messages = [b"N", QUESTION, IDLE, COMPLETE, IDLE, &COMPLETE[..3]];
        assert_eq!(pass(&messages, false), (messages.concat(), false));
    }

    #[test]
    fn the_answer_that_ends_a_transaction_well_is_lost() {
        let before = [b"N", QUESTION, IDLE, PARSED, IDLE, COMPLETE, IN_BLOCK, COMPLETE, FAILED, IDLE];
        let messages = [&before[..], &[PARSED, COMPLETE, IDLE, PARSED]].concat();
        assert_eq!(pass(&messages, true), (before.concat(), true));
    }

    #[test]
    fn a_login_is_not_held() {
        let messages = [b"N", QUESTION];
        assert_eq!(pass(&messages, true), (messages.concat(), false));
    }
}
