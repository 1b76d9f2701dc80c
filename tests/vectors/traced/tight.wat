;; Straight loops of vector code, which traced builds write twice: short and long ones, with code behind the branch back, over
;; operands, with NaNs in vectors that only a checkpoint shows, and with a vector that is read before it is set.
(module
  (memory 1)
  (func $leaf (param v128) (result i32) (i32x4.extract_lane 0 (local.get 0)))
  (func (export "plain") (param i32 v128) (result v128) (local v128 v128)
    (loop $again
      (local.set 2 (i32x4.add (local.get 1) (i32x4.splat (local.get 0))))
      (local.set 3 (i32x4.mul (local.get 2) (local.get 2)))
      (local.set 1 (v128.xor (local.get 3) (local.get 1)))
      (br_if $again (i32.and (local.tee 0 (i32.shr_u (local.get 0) (i32.const 1))) (i32.const 0xffff))))
    (v128.or (local.get 1) (v128.xor (local.get 2) (local.get 3))))
  (func (export "long") (param v128) (result v128) (local i32 v128 v128)
    (local.set 3 (local.get 0))
    (loop $again
      (local.set 2 (i16x8.add (local.get 0) (local.get 3)))
      (v128.store (i32.and (local.get 1) (i32.const 0xff0)) (local.tee 3 (v128.not (local.get 2))))
      (br_if $again (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 3000))))
    (local.get 2))
  (func (export "rest") (param i32 v128) (result i32) (local v128 i32)
    (i32.const 5)
    (block $out (result i32)
      (loop $outer
        (loop $again
          (local.set 2 (i8x16.add (local.get 1) (i8x16.splat (local.get 3))))
          (local.set 1 (i8x16.sub (local.get 2) (local.get 1)))
          (br_if $again (i32.lt_u (local.tee 3 (i32.add (local.get 3) (i32.const 7))) (i32.const 50)))
          (local.set 3 (i32.and (local.get 0) (i32.const 31)))
          (br_if $out (call $leaf (local.get 2)) (i32.and (local.get 0) (i32.const 1)))
          drop
          (br_if $outer (i32.gt_u (local.tee 0 (i32.shr_u (local.get 0) (i32.const 3))) (i32.const 0))))
        (return (local.get 3)))
      unreachable)
    i32.add)
  (func (export "traps") (param i32 v128) (result i32) (local v128)
    (loop $again
      (local.set 2 (v128.load (local.get 0)))
      (local.set 1 (i64x2.add (local.get 1) (local.get 2)))
      (br_if $again (local.tee 0 (i32.add (local.get 0) (i32.const 9973)))))
    (i32.const 0))
  (func (export "look tight") (param f32 i32) (result i32) (local v128 v128)
    (loop $again
      (local.set 2 (f32x4.sub (f32x4.splat (local.get 0)) (f32x4.splat (local.get 0))))
      (local.set 3 (f32x4.mul (local.get 2) (local.get 2)))
      (br_if $again (i32.lt_u (local.tee 1 (i32.add (i32.and (local.get 1) (i32.const 15)) (i32.const 1))) (i32.const 9))))
    (local.get 1)))
