#pragma warning disable
using System;

namespace GoDaddy.Asherah.SecureMemory
{
    public static class Check
    {
        public static readonly nint InvalidPointer;
        public static void IntPointer(nint intPointer, string methodName) { throw null; }
        public static void Result(int result, int expected, string methodName) { throw null; }
        public static void Zero(int result, string methodName) { throw null; }
        public static void Zero(int result, string methodName, System.Exception exceptionInProgress) { throw null; }
    }
}
