//! Jumps, calls, locals, globals and constants.

use enshrine_runtime::{
    isa::{Word, op},
    limits,
};

use super::{Failed, Frame, Machine, Step};

pub(super) fn step(m: &mut Machine, word: &Word) -> Step {
    match word.opcode {
        op::RETURN => return_(m, word),
        op::CALL => call(m, word.b),
        op::CALL_INDIRECT => call_indirect(m, word),
        op::DROP => m.pop().map(drop),
        op::SELECT => select(m),
        op::LOCAL_GET => local_get(m, word.b),
        op::LOCAL_SET => local_set(m, word.b),
        op::LOCAL_TEE => local_tee(m, word.b),
        op::LOCAL_TAKE => local_take(m, word.b),
        op::GLOBAL_GET => global_get(m, word.b),
        op::GLOBAL_SET => global_set(m, word.b),
        // i32, i64, f32 and f64.
        0x41..=0x44 => push(m, word.imm),
        op::JUMP => jump(m, word.b),
        op::JUMP_IF_ZERO => jump_if(m, word.b, |condition| condition == 0),
        op::JUMP_IF_NONZERO => jump_if(m, word.b, |condition| condition != 0),
        op::JUMP_TABLE => jump_table(m, word.b),
        op::ENTER => enter(m, word),
        op::END_LOAD => end_load(m),
        op::END_INFER => end_infer(m),
        // `unreachable` is one of these.
        _ => Err(Failed::Trap),
    }
}

fn push(m: &mut Machine, bits: u128) -> Step {
    m.push(bits);
    Ok(())
}

fn return_(m: &mut Machine, word: &Word) -> Step {
    let frame = m.frames.pop().ok_or(Failed::Trap)?;
    m.slots_left = m.slots_left.checked_add(word.b).ok_or(Failed::Trap)?;
    m.locals.truncate(frame.base);
    m.pc = frame.return_pc;
    Ok(())
}

fn call(m: &mut Machine, entry: u32) -> Step {
    m.frames.push(Frame {
        return_pc: m.pc,
        base: m.locals.len(),
    });
    m.pc = entry;
    Ok(())
}

fn call_indirect(m: &mut Machine, word: &Word) -> Step {
    let index: u32 = m.pop_as()?;
    let (first, entries) = (word.c >> 32, word.c & 0xffff_ffff);
    if u64::from(index) >= entries {
        return Err(Failed::Trap);
    }
    let place = usize::try_from(first + u64::from(index)).map_err(|_| Failed::Trap)?;
    let entry = m.program.tables.get(place).ok_or(Failed::Trap)?;
    let entry = entry.ok_or(Failed::Trap)?;
    if entry.ty != word.b {
        return Err(Failed::Trap);
    }
    call(m, entry.entry)
}

fn enter(m: &mut Machine, word: &Word) -> Step {
    m.slots_left = m.slots_left.checked_sub(word.b).ok_or(Failed::Trap)?;
    let locals = usize::try_from(word.c).map_err(|_| Failed::Trap)?;
    m.locals.resize(m.locals.len() + locals, 0);
    Ok(())
}

fn select(m: &mut Machine) -> Step {
    let first: bool = m.pop_as()?;
    let b = m.pop()?;
    let a = m.pop()?;
    push(m, if first { a } else { b })
}

fn local(m: &mut Machine, index: u32) -> Result<&mut u128, Failed> {
    let base = m.frames.last().ok_or(Failed::Trap)?.base;
    m.locals.get_mut(base + index as usize).ok_or(Failed::Trap)
}

fn local_get(m: &mut Machine, index: u32) -> Step {
    let bits = *local(m, index)?;
    push(m, bits)
}

fn local_set(m: &mut Machine, index: u32) -> Step {
    let bits = m.pop()?;
    *local(m, index)? = bits;
    Ok(())
}

fn local_tee(m: &mut Machine, index: u32) -> Step {
    let bits = m.pop()?;
    *local(m, index)? = bits;
    push(m, bits)
}

fn local_take(m: &mut Machine, index: u32) -> Step {
    let bits = std::mem::take(local(m, index)?);
    push(m, bits)
}

fn global_get(m: &mut Machine, index: u32) -> Step {
    let bits = m.global(index).ok_or(Failed::Trap)?;
    push(m, bits)
}

fn global_set(m: &mut Machine, index: u32) -> Step {
    let bits = m.pop()?;
    *m.globals.get_mut(index as usize).ok_or(Failed::Trap)? = bits;
    m.writes += 1;
    Ok(())
}

fn jump(m: &mut Machine, target: u32) -> Step {
    m.pc = target;
    Ok(())
}

fn jump_if(m: &mut Machine, target: u32, holds: impl Fn(u32) -> bool) -> Step {
    let condition = m.pop_as()?;
    if holds(condition) {
        jump(m, target)
    } else {
        Ok(())
    }
}

fn jump_table(m: &mut Machine, count: u32) -> Step {
    let index: u32 = m.pop_as()?;
    let last = count.checked_sub(1).ok_or(Failed::Trap)?;
    m.pc = m.pc.checked_add(index.min(last)).ok_or(Failed::Trap)?;
    Ok(())
}

fn end_load(m: &mut Machine) -> Step {
    let status: u32 = m.pop_as()?;
    m.load_steps = limits::LOAD_FUEL - m.fuel_left;
    m.fuel_left = m.infer_fuel;
    if status != 0 {
        m.status = Some(status);
    }
    Ok(())
}

fn end_infer(m: &mut Machine) -> Step {
    m.status = Some(m.pop_as()?);
    Ok(())
}
