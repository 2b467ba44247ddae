/** What the ceremony says at the terminal. */
import { same, type Text } from "../tasks/language.ts";

export type Say = (text: Text) => void;

export const words = {
  primes: (bits: number, found: number, seconds: number): Text => ({
    en: `safe primes of ${bits} bits: ${found} of 2 found, ${seconds} s`,
    zh: `${bits} 位安全素数：已找到 ${found}/2，用时 ${seconds} 秒`,
  }),
  dealt: (threshold: number, shares: number): Text => ({
    en: `dealt: any ${threshold} of ${shares} decrypt; all verification keys agree`,
    zh: `已分发：${shares} 方中任意 ${threshold} 方可解密；验证密钥全部一致`,
  }),
  written: (file: string): Text => same(file),
  fits: (index: number): Text => ({
    en: `share ${index} opens and fits the record`,
    zh: `第 ${index} 份份额可打开且与记录相符`,
  }),
  complete: (participants: number): Text => ({
    en: `all ${participants} participants have acknowledged, and the trial decrypts: the key may be put to use`,
    zh: `全部 ${participants} 个参与方均已确认，试解密成功：密钥可以启用`,
  }),
  switchOff: {
    en: "Copy the files, check the copies, then switch this machine off: its memory still holds the whole key.",
    zh: "请复制文件并核对副本，然后关闭本机电源：内存中仍有完整密钥。",
  },
  rehearsed: (seconds: number): Text => ({
    en: `rehearsed in ${seconds} s: dealt, sealed, opened, acknowledged, decrypted by every set of holders; all files removed`,
    zh: `演练完成，用时 ${seconds} 秒：分发、密封、开启、确认、各组合解密均成功；文件已全部删除`,
  }),
} as const;
