;; Long segments and bulk instructions around loop heads and calls; the suite cuts fuel at every step of such calls.
(module
  (memory 1)
  (func $work (param i32) (result i32)
    (memory.fill (local.get 0) (i32.const 7) (i32.and (local.get 0) (i32.const 63)))
    (i32.add (i32.mul (local.get 0) (i32.const 3)) (i32.load8_u (local.get 0))))
  (func (export "short") (param i32) (result i32) (local i32)
    (local.set 0 (i32.and (local.get 0) (i32.const 255)))
    (loop $again
      (local.set 0 (i32.and (call $work (local.get 0)) (i32.const 1023)))
      (br_if $again (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 3))))
    (local.get 0)))
