//! Words as text.

use std::fmt;

use super::{Family, Word, family, low_u32, low_u64, mnemonic, op};

/// The mnemonic and the fields that the instruction reads.
///
/// ```
/// use enshrine_runtime::isa::{Word, op};
///
/// assert_eq!(Word::with_b(op::LOCAL_GET, 7).to_string(), "local.get 7");
/// assert_eq!(Word::with_imm(op::I32_CONST, 0xffff_ffff).to_string(), "i32.const -1");
/// assert_eq!(Word::new(0xe0ff).to_string(), "unknown 0xe0ff");
/// ```
impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(name) = mnemonic(self.opcode) else {
            return write!(f, "unknown {:#06x}", self.opcode);
        };
        f.write_str(name)?;
        match family(self.opcode) {
            Some(Family::Control) => self.control(f),
            Some(Family::Stack) => self.stack(f),
            Some(Family::Memory) => self.offset(f),
            Some(Family::SimdMemory) => {
                self.offset(f)?;
                self.lane(f, name.ends_with("_lane"))
            }
            Some(Family::SimdLane) if self.opcode == op::I8X16_SHUFFLE => {
                let mut lanes = self.imm.to_le_bytes().into_iter();
                lanes.try_for_each(|lane| write!(f, " {lane}"))
            }
            Some(Family::SimdLane) => self.lane(f, name.contains("_lane")),
            _ => Ok(()),
        }
    }
}

impl Word {
    fn control(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.opcode {
            op::JUMP | op::JUMP_IF_ZERO | op::JUMP_IF_NONZERO | op::CALL => {
                write!(f, " {}", self.b)
            }
            op::JUMP_TABLE => write!(f, " entries={}", self.b),
            op::CALL_INDIRECT => {
                let (first, entries) = (self.c >> 32, self.c & 0xffff_ffff);
                write!(f, " first={first} entries={entries} type={}", self.b)
            }
            op::ENTER => write!(f, " slots={} locals={}", self.b, self.c),
            op::RETURN => write!(f, " slots={}", self.b),
            _ => Ok(()),
        }
    }

    fn stack(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (single, long) = (low_u32(self.imm), low_u64(self.imm));
        match self.opcode {
            op::I32_CONST => write!(f, " {}", single.cast_signed()),
            op::I64_CONST => write!(f, " {}", long.cast_signed()),
            op::F32_CONST => write!(f, " {:?}", f32::from_bits(single)),
            op::F64_CONST => write!(f, " {:?}", f64::from_bits(long)),
            op::V128_CONST => write!(f, " {:#034x}", self.imm),
            op::DROP | op::SELECT => Ok(()),
            _ => write!(f, " {}", self.b),
        }
    }

    fn offset(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.c {
            0 => Ok(()),
            offset => write!(f, " offset={offset}"),
        }
    }

    fn lane(&self, f: &mut fmt::Formatter<'_>, has_lane: bool) -> fmt::Result {
        if has_lane {
            write!(f, " {}", self.a)?;
        }
        Ok(())
    }
}
