/* rename.h: put before a file that is written for AVX-512 (gcc -include), gives it the C of avx512.h in place of the intrinsics.
 *
 * The file is compiled for a CPU with AVX2 and without AVX-512, so that an intrinsic which is not listed here does not compile: the
 * compiler refuses to inline a function for another target, and those of AVX2 take no zkr_m256i.
 */
#ifndef ZKR_EMULATION_RENAME_H
#define ZKR_EMULATION_RENAME_H
#if !defined(__AVX2__) || defined(__AVX512F__)
#error "emulated intrinsics are for a target with AVX2 and without AVX-512: with that, one that is missing here would compile"
#endif
#include "avx512.h"

#define __m512i zkr_m512i
#define __m256i zkr_m256i
#undef _mm256_add_epi32
#define _mm256_add_epi32 zkr_mm256_add_epi32
#undef _mm256_cmpgt_epu32_mask
#define _mm256_cmpgt_epu32_mask zkr_mm256_cmpgt_epu32_mask
#undef _mm256_loadu_si256
#define _mm256_loadu_si256 zkr_mm256_loadu_si256
#undef _mm256_set1_epi32
#define _mm256_set1_epi32 zkr_mm256_set1_epi32
#undef _mm256_srl_epi32
#define _mm256_srl_epi32 zkr_mm256_srl_epi32
#undef _mm256_storeu_si256
#define _mm256_storeu_si256 zkr_mm256_storeu_si256
#undef _mm256_test_epi32_mask
#define _mm256_test_epi32_mask zkr_mm256_test_epi32_mask
#undef _mm512_abs_epi64
#define _mm512_abs_epi64 zkr_mm512_abs_epi64
#undef _mm512_add_epi64
#define _mm512_add_epi64 zkr_mm512_add_epi64
#undef _mm512_and_si512
#define _mm512_and_si512 zkr_mm512_and_si512
#undef _mm512_castsi256_si512
#define _mm512_castsi256_si512 zkr_mm512_castsi256_si512
#undef _mm512_castsi512_si128
#define _mm512_castsi512_si128 zkr_mm512_castsi512_si128
#undef _mm512_castsi512_si256
#define _mm512_castsi512_si256 zkr_mm512_castsi512_si256
#undef _mm512_cvtepi64_epi32
#define _mm512_cvtepi64_epi32 zkr_mm512_cvtepi64_epi32
#undef _mm512_extracti64x4_epi64
#define _mm512_extracti64x4_epi64 zkr_mm512_extracti64x4_epi64
#undef _mm512_i64gather_epi64
#define _mm512_i64gather_epi64 zkr_mm512_i64gather_epi64
#undef _mm512_i64scatter_epi64
#define _mm512_i64scatter_epi64 zkr_mm512_i64scatter_epi64
#undef _mm512_inserti64x4
#define _mm512_inserti64x4 zkr_mm512_inserti64x4
#undef _mm512_loadu_si512
#define _mm512_loadu_si512 zkr_mm512_loadu_si512
#undef _mm512_madd52hi_epu64
#define _mm512_madd52hi_epu64 zkr_mm512_madd52hi_epu64
#undef _mm512_madd52lo_epu64
#define _mm512_madd52lo_epu64 zkr_mm512_madd52lo_epu64
#undef _mm512_mask_add_epi64
#define _mm512_mask_add_epi64 zkr_mm512_mask_add_epi64
#undef _mm512_mask_blend_epi64
#define _mm512_mask_blend_epi64 zkr_mm512_mask_blend_epi64
#undef _mm512_mask_mov_epi64
#define _mm512_mask_mov_epi64 zkr_mm512_mask_mov_epi64
#undef _mm512_mask_sub_epi64
#define _mm512_mask_sub_epi64 zkr_mm512_mask_sub_epi64
#undef _mm512_maskz_permutexvar_epi64
#define _mm512_maskz_permutexvar_epi64 zkr_mm512_maskz_permutexvar_epi64
#undef _mm512_movepi64_mask
#define _mm512_movepi64_mask zkr_mm512_movepi64_mask
#undef _mm512_mullo_epi64
#define _mm512_mullo_epi64 zkr_mm512_mullo_epi64
#undef _mm512_or_si512
#define _mm512_or_si512 zkr_mm512_or_si512
#undef _mm512_permutex2var_epi64
#define _mm512_permutex2var_epi64 zkr_mm512_permutex2var_epi64
#undef _mm512_permutex_epi64
#define _mm512_permutex_epi64 zkr_mm512_permutex_epi64
#undef _mm512_permutexvar_epi64
#define _mm512_permutexvar_epi64 zkr_mm512_permutexvar_epi64
#undef _mm512_set1_epi64
#define _mm512_set1_epi64 zkr_mm512_set1_epi64
#undef _mm512_setr_epi64
#define _mm512_setr_epi64 zkr_mm512_setr_epi64
#undef _mm512_setzero_si512
#define _mm512_setzero_si512 zkr_mm512_setzero_si512
#undef _mm512_shuffle_epi32
#define _mm512_shuffle_epi32 zkr_mm512_shuffle_epi32
#undef _mm512_shuffle_i64x2
#define _mm512_shuffle_i64x2 zkr_mm512_shuffle_i64x2
#undef _mm512_sll_epi64
#define _mm512_sll_epi64 zkr_mm512_sll_epi64
#undef _mm512_slli_epi64
#define _mm512_slli_epi64 zkr_mm512_slli_epi64
#undef _mm512_sra_epi64
#define _mm512_sra_epi64 zkr_mm512_sra_epi64
#undef _mm512_srai_epi64
#define _mm512_srai_epi64 zkr_mm512_srai_epi64
#undef _mm512_srl_epi64
#define _mm512_srl_epi64 zkr_mm512_srl_epi64
#undef _mm512_srli_epi64
#define _mm512_srli_epi64 zkr_mm512_srli_epi64
#undef _mm512_storeu_si512
#define _mm512_storeu_si512 zkr_mm512_storeu_si512
#undef _mm512_sub_epi64
#define _mm512_sub_epi64 zkr_mm512_sub_epi64
#undef _mm512_testn_epi64_mask
#define _mm512_testn_epi64_mask zkr_mm512_testn_epi64_mask
#undef _mm512_unpackhi_epi64
#define _mm512_unpackhi_epi64 zkr_mm512_unpackhi_epi64
#undef _mm512_unpacklo_epi64
#define _mm512_unpacklo_epi64 zkr_mm512_unpacklo_epi64
#endif
