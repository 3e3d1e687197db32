namespace GoDaddy.Asherah.PublicApi.Tests
{
    /// <summary>What is compiled from a list renders as the list: neither the one nor the other leaves something out.</summary>
    public sealed class ReferenceTests
    {
        public static TheoryData<string> Assemblies => new TheoryData<string>(Lists.Assemblies);

        [Theory]
        [MemberData(nameof(Assemblies))]
        public void AReferenceAssemblyIsItsList(string assembly)
        {
            SurfaceList listed = Lists.Read(assembly);
            using var surface = new AssemblySurface(Lists.Reference(assembly));
            SurfaceList rendered = surface.Render();
            Assert.Equal(string.Empty, listed.Beyond(rendered).ToString());
            Assert.Equal(string.Empty, rendered.Beyond(listed).ToString());
            Assert.Equal(listed.Identity, surface.Identity);
        }
    }
}
