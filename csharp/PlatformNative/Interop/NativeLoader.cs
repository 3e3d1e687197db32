using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>
    /// Loads the native library once and shakes hands with it before anything else is called. A failure is not kept:
    /// the next factory tries again. The variable ASHERAH_NATIVE_LIBRARY may name the file (.NET 8 and later).
    /// </summary>
    internal static unsafe class NativeLoader
    {
        /// <summary>The environment variable that names the library's file, as an absolute path.</summary>
        internal const string PathVariable = "ASHERAH_NATIVE_LIBRARY";

        private const string Remedy =
            "Install libasherah where the system's loader looks, put libasherah.so beside the application, or set " +
            PathVariable + " to its absolute path.";

        private static readonly object Gate = new object();
        private static int ready;

        /// <summary>Loads the library and checks its version, unless that has been done.</summary>
        /// <exception cref="DllNotFoundException">The library is missing, does not load, is another one or is too
        /// old.</exception>
        /// <exception cref="BadImageFormatException">It was built for another processor.</exception>
        /// <exception cref="PlatformNotSupportedException">The process runs on musl.</exception>
        internal static void EnsureLoaded()
        {
            if (Volatile.Read(ref ready) != 0)
            {
                return;
            }

            lock (Gate)
            {
                if (ready == 0)
                {
                    Load();
                    Volatile.Write(ref ready, 1);
                }
            }
        }

        /// <summary>Refuses an ABI version that this assembly cannot use.</summary>
        internal static void CheckAbiVersion(int abiVersion, string file)
        {
            if (abiVersion < Native.AbiVersion)
            {
                throw new DllNotFoundException(
                    "The native library " + file + " is too old: it has ABI version " + abiVersion +
                    ", this assembly needs " + Native.AbiVersion + ". Install a current libasherah.");
            }
        }

        /// <summary>Says whether a process with these memory mappings runs on the C library musl.</summary>
        internal static bool IsMusl(string maps)
        {
            return maps.IndexOf("/ld-musl-", StringComparison.Ordinal) >= 0;
        }

        /// <summary>Returns why a file cannot be loaded into this process by its ELF header, or null.</summary>
        internal static string DescribeForeignProcessor(byte[] header)
        {
            bool elf = header.Length >= 20 && header[0] == 0x7f && header[1] == 'E' && header[2] == 'L' &&
                header[3] == 'F';
            if (!elf)
            {
                return "is not a shared library";
            }

            int machine = header[18] | (header[19] << 8);
            Architecture process = RuntimeInformation.ProcessArchitecture;
            int expected = process == Architecture.X64 ? 62
                : process == Architecture.Arm64 ? 183
                : process == Architecture.X86 ? 3
                : process == Architecture.Arm ? 40
                : machine;
            return machine == expected ? null : "was built for another processor than this process (" + process + ")";
        }

        private static void RefuseMusl()
        {
            const string Maps = "/proc/self/maps";
            if (File.Exists(Maps) && IsMusl(File.ReadAllText(Maps)))
            {
                throw new PlatformNotSupportedException(
                    "libasherah needs glibc; the C library of this system is musl (Alpine), which cannot load it. " +
                    "Use an image with glibc, such as Debian's, or choose managed code: set " +
                    ManagedEngine.Variable + " to managed.");
            }
        }

#if NET8_0_OR_GREATER
        private static IntPtr library;

        /// <summary>Opens a library file and checks its version.</summary>
        internal static IntPtr Open(string file)
        {
            if (!Path.IsPathFullyQualified(file))
            {
                throw new DllNotFoundException(PathVariable + " must be an absolute path; it is \"" + file + "\".");
            }

            if (!File.Exists(file))
            {
                throw new DllNotFoundException(
                    "The native library " + file + ", named by " + PathVariable + ", does not exist.");
            }

            IntPtr handle;
            try
            {
                handle = NativeLibrary.Load(file);
            }
            catch (Exception e) when (e is DllNotFoundException || e is BadImageFormatException)
            {
                throw Explain(file, e);
            }

            CheckVersion(handle, file);
            return handle;
        }

        private static void Load()
        {
            RefuseMusl();
            string file = Environment.GetEnvironmentVariable(PathVariable);
            library = string.IsNullOrEmpty(file) ? OpenInstalled() : Open(file);
            try
            {
                NativeLibrary.SetDllImportResolver(typeof(NativeLoader).Assembly, Resolve);
            }
            catch (InvalidOperationException)
            {
                // The application has set a resolver for this assembly; what it finds is what is called, so that is
                // what has to have the right version.
                CheckAbiVersion(CallAbiVersion(), "that the application's resolver found");
            }
        }

        private static IntPtr Resolve(string name, System.Reflection.Assembly assembly, DllImportSearchPath? searchPath)
        {
            return name == Native.Library ? library : IntPtr.Zero;
        }

        private static IntPtr OpenInstalled()
        {
            if (!NativeLibrary.TryLoad(Native.Library, typeof(NativeLoader).Assembly, null, out IntPtr handle))
            {
                string beside = Path.Combine(AppContext.BaseDirectory, "libasherah.so");
                throw File.Exists(beside)
                    ? Explain(beside, null)
                    : new DllNotFoundException("The native library libasherah was not found. " + Remedy);
            }

            CheckVersion(handle, "libasherah");
            return handle;
        }

        private static void CheckVersion(IntPtr handle, string file)
        {
            if (!NativeLibrary.TryGetExport(handle, nameof(Native.asherah_abi_version), out IntPtr function))
            {
                throw new DllNotFoundException(
                    "The native library " + file + " is not libasherah, or too old: it has no asherah_abi_version. " +
                    Remedy);
            }

            CheckAbiVersion(((delegate* unmanaged[Cdecl]<int>)function)(), file);
        }

        private static Exception Explain(string file, Exception cause)
        {
            string reason = null;
            if (OperatingSystem.IsLinux())
            {
                var header = new byte[20];
                using FileStream stream = File.OpenRead(file);
                int length = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
                reason = DescribeForeignProcessor(header.AsSpan(0, length).ToArray());
            }

            return reason != null
                ? new BadImageFormatException("The native library " + file + " " + reason + ". " + Remedy, cause)
                : new DllNotFoundException(
                    "The native library " + file + " does not load: " + cause?.Message + " " + Remedy, cause);
        }
#else
        private static void Load()
        {
            RefuseMusl();
            CheckAbiVersion(CallAbiVersion(), "libasherah");
        }
#endif

        private static int CallAbiVersion()
        {
            try
            {
                return Native.asherah_abi_version();
            }
            catch (DllNotFoundException e)
            {
                throw new DllNotFoundException("The native library libasherah was not found. " + Remedy, e);
            }
            catch (BadImageFormatException e)
            {
                throw new BadImageFormatException(
                    "The native library libasherah was built for another processor than this process. " + Remedy, e);
            }
            catch (EntryPointNotFoundException e)
            {
                throw new DllNotFoundException(
                    "The native library libasherah is another library, or too old: it has no asherah_abi_version. " +
                    "Install a current libasherah.",
                    e);
            }
        }
    }
}
