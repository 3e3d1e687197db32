using System;
using System.Collections.Generic;

#pragma warning disable CA1822, CS0067, CS0649

namespace GoDaddy.Asherah.PublicApi.Tests.Changes.After
{
    public enum Numbers : long
    {
        One = 1,
    }

    public class Members
    {
        public const int Constant = 2;

        public long Field;

        public event EventHandler<EventArgs> Event;

        public int Setter { get; private set; }

        public int Same { get; protected set; }

        public long Result() => throw null;

        public void Parameter(uint value) => throw null;

        public void Name(int number) => throw null;

        public void Passing(out int value) => throw null;

        public void Default(int value = 2) => throw null;

        public void Optional(string text) => throw null;

        public void Many(int[] values) => throw null;

        public static void Static() => throw null;

        public void Virtual() => throw null;

        protected void Access() => throw null;

        public void Constraint<T>() => throw null;

        public void Arity<T, TOther>() => throw null;

        public void Generic(IList<int> list) => throw null;

        public void Nullable(int number) => throw null;

        public void Attribute() => throw null;

        public void Types(int a, int b = 0) => throw null;

        public void SameMethod<T>(in T value, out int number) => throw null;
    }

    public sealed class Sealed
    {
    }

    public class Bases
    {
        public void Dispose() => throw null;
    }

    public class Generic<T>
    {
    }

    public class SameClass
    {
        internal void NotSeenEither() => throw null;
    }
}
