using System;
using System.Linq;

namespace GoDaddy.Asherah.PublicApi.Tests
{
    /// <summary>What would break a caller is seen: each member of <c>Changes.Before</c> differs from that of the same
    /// name in <c>Changes.After</c> in one thing.</summary>
    public sealed class RenderingTests
    {
        private const string Before = "GoDaddy.Asherah.PublicApi.Tests.Changes.Before";
        private const string After = "GoDaddy.Asherah.PublicApi.Tests.Changes.After";

        [Theory]
        [InlineData("Removed(int number)")]
        [InlineData("Result()")]
        [InlineData("Parameter(int value)")]
        [InlineData("Name(int value)")]
        [InlineData("Passing(ref int value)")]
        [InlineData("Default(int value = 1)")]
        [InlineData("Optional(string text = null)")]
        [InlineData("Many(params int[] values)")]
        [InlineData("Static()")]
        [InlineData("Virtual()")]
        [InlineData("Access()")]
        [InlineData("Constraint<T>() where T : class")]
        [InlineData("Arity<T>()")]
        [InlineData("Generic(System.Collections.Generic.List<int> list)")]
        [InlineData("Nullable(int? number)")]
        [InlineData("Field")]
        [InlineData("Constant = 1")]
        [InlineData("Setter { get; set; }")]
        [InlineData("Event")]
        [InlineData("Attribute()")]
        [InlineData("Types(int a)")]
        public void AChangedMemberIsMissing(string member)
        {
            Assert.Contains(Missing().Split('\n'), line => line.EndsWith("." + member, StringComparison.Ordinal));
        }

        [Theory]
        [InlineData("public class {0}.Sealed")]
        [InlineData("public class {0}.Bases : System.IDisposable")]
        [InlineData("public class {0}.Gone")]
        [InlineData("public class {0}.Generic<T> where T : class")]
        [InlineData("public enum {0}.Numbers : int")]
        public void AChangedTypeIsMissing(string type)
        {
            Assert.Contains(string.Format(null, type, "X"), Missing().Split('\n'));
        }

        [Fact]
        public void WhatIsTheSameIsNot()
        {
            Assert.DoesNotContain("Same", Missing(), StringComparison.Ordinal);
        }

        private static string Missing()
        {
            return Only(Before).Beyond(Only(After)).ToString();
        }

        /// <summary>Renders the types of one namespace of this assembly, by another name.</summary>
        private static SurfaceList Only(string space)
        {
            using var surface = new AssemblySurface(typeof(RenderingTests).Assembly.Location);
            return surface.Render().Select(
                type => type.Contains(space + ".", StringComparison.Ordinal),
                line => line.Replace(space, "X", StringComparison.Ordinal));
        }
    }
}
