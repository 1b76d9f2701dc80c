;; NaNs that no instruction shows, but a checkpoint would. `look`: only traced speculative runs must be abandoned.
(module
  (func $leaf (param i32) (result i32) (local.get 0))
  (func (export "look local") (param f32 i32) (result i32) (local f32)
    (local.set 2 (f32.sqrt (f32.sub (local.get 0) (local.get 0))))
    (call $leaf (local.get 1)))
  (func (export "look operand") (param f64 i32) (result i32)
    (f64.mul (f64.sub (local.get 0) (local.get 0)) (f64.const 2))
    (call $leaf (local.get 1))
    (local.set 1) drop
    (local.get 1))
  (func (export "look loop") (param f32 i32) (result i32) (local v128 i32)
    (local.set 2 (f32x4.div (f32x4.splat (local.get 0)) (f32x4.splat (f32.const 0))))
    (loop $again
      (local.set 2 (f32x4.mul (local.get 2) (local.get 2)))
      (br_if $again (i32.lt_u (local.tee 3 (i32.add (local.get 3) (i32.const 1))) (i32.const 5))))
    (local.get 3))
  (func (export "keep wasm") (param f32 i32) (result i32) (local f32)
    (local.set 2 (f32.sub (local.get 0) (local.get 0)))
    (i32.or (local.get 1) (f32.ne (local.get 2) (local.get 2)))))
