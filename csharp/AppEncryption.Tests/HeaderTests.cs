using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    /// <summary>Interop/ against include/asherah.h: numbers, signatures, layout.</summary>
    public sealed class HeaderTests
    {
        private static readonly string Header =
            StripComments(File.ReadAllText(TestSetup.Repository("include/asherah.h")));

        [Fact]
        public void StatusesAreThoseOfTheHeader()
        {
            Dictionary<string, long> header = Defines()
                .Where(define => Regex.IsMatch(define.Key, "^ASHERAH_(OK$|ERROR_)"))
                .ToDictionary(define => define.Key, define => define.Value);
            Dictionary<string, long> ours = typeof(Status)
                .GetFields(BindingFlags.Static | BindingFlags.NonPublic)
                .ToDictionary(
                    field => field.Name == "Ok" ? "ASHERAH_OK" : "ASHERAH_ERROR_" + Snake(field.Name),
                    field => (long)(int)field.GetRawConstantValue());
            Assert.Equal(header.OrderBy(pair => pair.Key), ours.OrderBy(pair => pair.Key));
        }

        [Fact]
        public void OtherNumbersAreThoseOfTheHeader()
        {
            Dictionary<string, long> header = Defines();
            Assert.Equal(Native.AbiVersion, header["ASHERAH_ABI_VERSION"]);
            Assert.Equal(Native.OnlyIfCached, header["ASHERAH_ONLY_IF_CACHED"]);
        }

        [Fact]
        public void FunctionsAreThoseOfTheHeader()
        {
            Dictionary<string, string> header = Prototypes();
            Dictionary<string, MethodInfo> ours = typeof(Native)
                .GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(method => method.Name.StartsWith("asherah_", StringComparison.Ordinal))
                .ToDictionary(method => method.Name);
            Assert.True(ours.Count >= 10 && header.Count >= ours.Count, ours.Count + " of " + header.Count);
            foreach ((string name, MethodInfo method) in ours)
            {
                Assert.True(header.ContainsKey(name), name + " is not in the header");
                Assert.Matches("^" + Signature(method) + "$", header[name]);
            }
        }

        [Fact]
        public void EveryFunctionResolvesInTheLibrary()
        {
            IntPtr library = NativeLibrary.Load(TestSetup.LibraryPath);
            foreach (MethodInfo method in typeof(Native).GetMethods(BindingFlags.Static | BindingFlags.NonPublic))
            {
                if (method.Name.StartsWith("asherah_", StringComparison.Ordinal))
                {
                    Assert.True(NativeLibrary.TryGetExport(library, method.Name, out _), method.Name);
                }
            }
        }

        [Fact]
        public void BufferHasTheLayoutOfTheHeader()
        {
            Assert.Matches(
                @"typedef struct AsherahBuffer\s*\{\s*uint8_t \*data;\s*size_t len;\s*size_t capacity;\s*\}", Header);
            Assert.Equal(3 * IntPtr.Size, Marshal.SizeOf<Native.AsherahBuffer>());
            Assert.Equal(IntPtr.Zero, Marshal.OffsetOf<Native.AsherahBuffer>("Data"));
            Assert.Equal(new IntPtr(IntPtr.Size), Marshal.OffsetOf<Native.AsherahBuffer>("Len"));
            Assert.Equal(new IntPtr(2 * IntPtr.Size), Marshal.OffsetOf<Native.AsherahBuffer>("Capacity"));
        }

        [Fact]
        public void EventHasTheLayoutOfTheHeader()
        {
            string text = Regex.Match(Header, @"typedef struct AsherahEvent\s*\{([^}]*)\}").Groups[1].Value;
            string[] header = Regex.Matches(text, @"(\w+);").Select(match => match.Groups[1].Value).ToArray();
            FieldInfo[] ours = typeof(Native.AsherahEvent).GetFields(BindingFlags.Instance | BindingFlags.NonPublic);
            Assert.Equal(header, ours.Select(field => Snake(field.Name).ToLowerInvariant()));
            int[] sizes = { 8, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8 };
            Assert.Equal(
                sizes.Select((_, i) => sizes.Take(i).Sum()),
                ours.Select(field => (int)Marshal.OffsetOf<Native.AsherahEvent>(field.Name)));
            Assert.Equal(sizes.Sum(), Marshal.SizeOf<Native.AsherahEvent>());
        }

        [Fact]
        public unsafe void TheLibraryIsThatOfTheHeader()
        {
            NativeLoader.EnsureLoaded();
            Assert.Equal((int)Defines()["ASHERAH_ABI_VERSION"], Native.asherah_abi_version());
            string version = Regex.Match(Header, "#define ASHERAH_VERSION \"([^\"]*)\"").Groups[1].Value;
            Assert.Equal(version, Utf8.FromNative(Native.asherah_version()));
        }

        private static Dictionary<string, long> Defines()
        {
            var defines = new Dictionary<string, long>();
            foreach (Match match in Regex.Matches(
                Header, @"^#define (ASHERAH_\w+) \(?(?:\(size_t\))?(-?\d+)u?\)?\s*$", RegexOptions.Multiline))
            {
                defines.Add(match.Groups[1].Value, long.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
            }

            return defines;
        }

        // Return and parameter types in C's words, without parameter names.
        private static Dictionary<string, string> Prototypes()
        {
            var prototypes = new Dictionary<string, string>();
            string text = Regex.Replace(Header, "^#.*$", string.Empty, RegexOptions.Multiline);
            foreach (Match match in Regex.Matches(text, @"ASHERAH_EXPORT\s+([^;(]*?)(asherah_\w+)\(([^;]*)\);"))
            {
                IEnumerable<string> parameters = match.Groups[3].Value.Split(',')
                    .Select(parameter => Type(Regex.Replace(parameter.Trim(), @"\w+$", string.Empty)))
                    .Where(type => type.Length != 0);
                prototypes.Add(
                    match.Groups[2].Value, Type(match.Groups[1].Value) + "(" + string.Join(", ", parameters) + ")");
            }

            return prototypes;
        }

        private static string Type(string text)
        {
            return Regex.Replace(text.Replace("const ", string.Empty, StringComparison.Ordinal), @"\s+", string.Empty)
                .Replace("char*", "uint8_t*", StringComparison.Ordinal);
        }

        // A pattern: IntPtr stands for handles without a SafeHandle, and for functions.
        private static string Signature(MethodInfo method)
        {
            IEnumerable<string> parameters = method.GetParameters()
                .Select(parameter => NativeType(parameter.ParameterType));
            return NativeType(method.ReturnType) + @"\(" + string.Join(", ", parameters) + @"\)";
        }

        private static string NativeType(Type type)
        {
            if (type.IsPointer)
            {
                return NativeType(type.GetElementType()) + @"\*";
            }

            var names = new Dictionary<Type, string>
            {
                [typeof(void)] = "void",
                [typeof(int)] = "int(32_t)?",
                [typeof(uint)] = "uint32_t",
                [typeof(long)] = "int64_t",
                [typeof(UIntPtr)] = "size_t",
                [typeof(byte)] = "uint8_t",
                [typeof(IntPtr)] = @"Asherah\w+(\*|Fn)",
                [typeof(SafeFactoryHandle)] = @"AsherahFactory\*",
                [typeof(SafeSessionHandle)] = @"AsherahSession\*",
                [typeof(SafeMetastoreHandle)] = @"AsherahMetastore\*",
                [typeof(SafeKmsHandle)] = @"AsherahKms\*",
                [typeof(SafeSecretHandle)] = @"AsherahSecret\*",
            };
            return names.TryGetValue(type, out string name) ? name : type.Name;
        }

        private static string Snake(string name)
        {
            return Regex.Replace(name, "(?<!^)([A-Z])", "_$1").ToUpperInvariant();
        }

        private static string StripComments(string text)
        {
            return Regex.Replace(text, @"/\*.*?\*/", string.Empty, RegexOptions.Singleline);
        }
    }
}
