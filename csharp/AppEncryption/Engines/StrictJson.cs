using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>
    /// Says whether a text is one JSON object as RFC 8259 has it, with no member twice and no text after it. Newtonsoft's
    /// reader also takes comments, single quotes, names without quotes, numbers of other bases and much more.
    /// </summary>
    internal struct StrictJson
    {
        private readonly string text;
        private int at;

        private StrictJson(string text)
        {
            this.text = text;
            at = 0;
        }

        /// <summary>Says whether a text is one JSON object.</summary>
        internal static bool IsObject(string text)
        {
            var scanner = new StrictJson(text);
            scanner.SkipBlanks();
            return scanner.Peek() == '{' && scanner.SkipValue() && scanner.at == text.Length;
        }

        private static bool IsDigit(char c)
        {
            return c >= '0' && c <= '9';
        }

        private static bool IsUnicode(string value)
        {
            for (int i = 0; i < value.Length; i++)
            {
                if (char.IsSurrogate(value[i]))
                {
                    if (!char.IsSurrogatePair(value, i))
                    {
                        return false;
                    }

                    i++;
                }
            }

            return true;
        }

        // Objects and arrays that are open are kept in a list, the names of an object in a set, since the depth is the
        // writer's choice and the stack is not.
        private bool SkipValue()
        {
            var open = new Stack<HashSet<string>>();
            while (true)
            {
                SkipBlanks();
                bool opened;
                switch (Peek())
                {
                    case '{':
                        at++;
                        SkipBlanks();
                        opened = Peek() != '}';
                        if (opened)
                        {
                            open.Push(new HashSet<string>(StringComparer.Ordinal));
                            if (!SkipName(open.Peek()))
                            {
                                return false;
                            }
                        }
                        else
                        {
                            at++;
                        }

                        break;
                    case '[':
                        at++;
                        SkipBlanks();
                        opened = Peek() != ']';
                        if (opened)
                        {
                            open.Push(null);
                        }
                        else
                        {
                            at++;
                        }

                        break;
                    default:
                        opened = false;
                        if (!SkipScalar())
                        {
                            return false;
                        }

                        break;
                }

                if (!opened)
                {
                    if (!SkipAfterValue(open))
                    {
                        return false;
                    }

                    if (open.Count == 0)
                    {
                        return true;
                    }
                }
            }
        }

        // What follows a value: the ends of those around it, or a comma and, in an object, the next name.
        private bool SkipAfterValue(Stack<HashSet<string>> open)
        {
            while (true)
            {
                SkipBlanks();
                if (open.Count == 0)
                {
                    return true;
                }

                HashSet<string> names = open.Peek();
                char c = Peek();
                at++;
                if (c == ',')
                {
                    SkipBlanks();
                    return names == null || SkipName(names);
                }

                if (c != (names == null ? ']' : '}'))
                {
                    return false;
                }

                open.Pop();
            }
        }

        private bool SkipName(HashSet<string> names)
        {
            if (!ReadString(out string name) || !names.Add(name))
            {
                return false;
            }

            SkipBlanks();
            return Skip(':');
        }

        private bool SkipScalar()
        {
            switch (Peek())
            {
                case '"':
                    return ReadString(out _);
                case 't':
                    return SkipWord("true");
                case 'f':
                    return SkipWord("false");
                case 'n':
                    return SkipWord("null");
                default:
                    return SkipNumber();
            }
        }

        private bool SkipWord(string word)
        {
            if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0)
            {
                return false;
            }

            at += word.Length;
            return true;
        }

        private bool SkipNumber()
        {
            Skip('-');
            if (!Skip('0') && !SkipDigits())
            {
                return false;
            }

            if (Skip('.') && !SkipDigits())
            {
                return false;
            }

            if (Skip('e') || Skip('E'))
            {
                if (!Skip('+'))
                {
                    Skip('-');
                }

                return SkipDigits();
            }

            return true;
        }

        private bool SkipDigits()
        {
            int start = at;
            while (IsDigit(Peek()))
            {
                at++;
            }

            return at > start;
        }

        private bool ReadString(out string value)
        {
            value = null;
            if (!Skip('"'))
            {
                return false;
            }

            int start = at;
            StringBuilder unescaped = null;
            while (at < text.Length)
            {
                char c = text[at];
                if (c == '"')
                {
                    value = unescaped?.ToString() ?? text.Substring(start, at - start);
                    at++;
                    return IsUnicode(value);
                }

                at++;
                if (c < ' ')
                {
                    return false;
                }

                if (c == '\\')
                {
                    unescaped = unescaped ?? new StringBuilder(text, start, at - 1 - start, 0);
                    if (!ReadEscape(out c))
                    {
                        return false;
                    }
                }

                unescaped?.Append(c);
            }

            return false;
        }

        private bool ReadEscape(out char c)
        {
            c = Peek();
            at++;
            switch (c)
            {
                case '"':
                case '\\':
                case '/':
                    return true;
                case 'b':
                    c = '\b';
                    return true;
                case 'f':
                    c = '\f';
                    return true;
                case 'n':
                    c = '\n';
                    return true;
                case 'r':
                    c = '\r';
                    return true;
                case 't':
                    c = '\t';
                    return true;
                case 'u':
                    ushort unit = 0;
                    bool read = at + 4 <= text.Length && ushort.TryParse(
                        text.Substring(at, 4),
                        NumberStyles.AllowHexSpecifier,
                        CultureInfo.InvariantCulture,
                        out unit);
                    c = read ? (char)unit : '\0';
                    at += 4;
                    return read;
                default:
                    return false;
            }
        }

        private void SkipBlanks()
        {
            while (at < text.Length && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
            {
                at++;
            }
        }

        private bool Skip(char c)
        {
            if (Peek() != c)
            {
                return false;
            }

            at++;
            return true;
        }

        // A NUL at the end, which no value begins with.
        private char Peek()
        {
            return at < text.Length ? text[at] : '\0';
        }
    }
}
