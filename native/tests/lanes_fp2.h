/* lanes_fp2.h: the lanes of FIELD2 (templates/lanes/fp2.h) against its scalar template.  Parameters: FIELD, FIELD2. */

static void E2(check_lanes)(void)
{
    static const uint64_t bounds[][2] = {{1, 1}, {2, 2}, {4, 4}, {3, 7}, {4, 16}};
    for (unsigned i = 0; i < LENGTH(bounds) * FE(CASES); i++) {
        uint64_t alpha = bounds[i % LENGTH(bounds)][0], beta = bounds[i % LENGTH(bounds)][1];
        FIELD2 a[8], b[8];
        FE(lanes) a0, a1, b0, b1;
        for (unsigned k = 0; k < 8; k++) {
            unsigned number = i / LENGTH(bounds);
            a[k].c0 = FE(case_value)(number);
            a[k].c1 = FE(case_value)((number * 3 + k) % FE(CASES));
            b[k].c0 = FE(case_value)((number + 5 * k) % FE(CASES));
            b[k].c1 = FE(case_value)((number * 7 + k) % FE(CASES));
            FE(widen)(a0.lane[k], &a[k].c0, k % 2 ? alpha - 1 : 0);
            FE(widen)(a1.lane[k], &a[k].c1, k % 3 ? alpha - 1 : 0);
            FE(widen)(b0.lane[k], &b[k].c0, k % 4 < 2 ? beta - 1 : 0);
            FE(widen)(b1.lane[k], &b[k].c1, k < 4 ? beta - 1 : 0);
        }
        E2(x8) left = {FE(set_lanes)(&a0), FE(set_lanes)(&a1)}, right = {FE(set_lanes)(&b0), FE(set_lanes)(&b1)}, product, square;
        E2(x8_mul)(&product, &left, &right);
        E2(x8_sqr)(&square, &left);
        FE(lanes) p0 = FE(get_lanes)(&product.c0), p1 = FE(get_lanes)(&product.c1), s0 = FE(get_lanes)(&square.c0),
                  s1 = FE(get_lanes)(&square.c1);
        for (unsigned k = 0; k < 8; k++) {
            FIELD x, y, expected, got;
            FE(expected_product)(&x, &a[k].c0, &b[k].c0);
            FE(expected_product)(&y, &a[k].c1, &b[k].c1);
            FE(sub)(&expected, &x, &y);
            CHECK(FE(narrow)(&got, p0.lane[k]) <= 2 + alpha * beta / FE(ROOM52) && FE(equal)(&got, &expected));
            FE(expected_product)(&x, &a[k].c0, &b[k].c1);
            FE(expected_product)(&y, &a[k].c1, &b[k].c0);
            FE(add)(&expected, &x, &y);
            CHECK(FE(narrow)(&got, p1.lane[k]) <= 1 + 2 * alpha * beta / FE(ROOM52) && FE(equal)(&got, &expected));
            FE(expected_product)(&x, &a[k].c0, &a[k].c0);
            FE(expected_product)(&y, &a[k].c1, &a[k].c1);
            FE(sub)(&expected, &x, &y);
            CHECK(FE(narrow)(&got, s0.lane[k]) < 2 && FE(equal)(&got, &expected));
            FE(expected_product)(&x, &a[k].c0, &a[k].c1);
            FE(add)(&expected, &x, &x);
            CHECK(FE(narrow)(&got, s1.lane[k]) < 2 && FE(equal)(&got, &expected));
        }
        FIELD2 memory[8], back[8];
        E2(x8) value;
        memcpy(memory, a, sizeof memory);
        E2(x8_load)(&value, memory);
        E2(x8_from_scalar)(&value, &value);
        E2(x8_to_scalar)(&value, &value);
        E2(x8_store)(back, &value);
        CHECK(memcmp(memory, back, sizeof back) == 0);
    }
}
